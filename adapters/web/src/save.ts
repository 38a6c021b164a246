import { text, type Answer } from './api.ts'

/** Downloads a response as a file of this name. A refusal is returned, for the page to show. */
export const save = async (path: string, mediaType: string, name: string): Promise<Answer<string>> => {
  const answer = await text(path, mediaType)
  if (!answer.ok) return answer
  const link = document.createElement('a')
  link.href = URL.createObjectURL(new Blob([answer.value], { type: mediaType }))
  link.download = name
  link.click()
  URL.revokeObjectURL(link.href)
  return answer
}
