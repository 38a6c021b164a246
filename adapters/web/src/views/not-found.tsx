import { useTitle } from '../parts/basics.tsx'
import { words } from '../words.ts'

export const NotFound = () => {
  useTitle(words.notFound)
  return (
    <>
      <h1>{words.notFound}</h1>
      <p>{words.notFoundText}</p>
    </>
  )
}
