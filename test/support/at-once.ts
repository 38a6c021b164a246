import { fork } from 'node:child_process'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'

/**
 * What four processes answer that call a function of a module with this argument at the same moment. `call` is an
 * expression over `module` and `argument`, whose value is a text.
 */
export const answersAtOnce = async (folder: string, module: URL, call: string, argument: string): Promise<string[]> => {
  const script = join(folder, 'at-once.mjs')
  writeFileSync(
    script,
    `import * as module from ${JSON.stringify(module.href)}
     process.send('ready')
     process.once('message', (argument) => process.send(${call}, () => process.exit()))`,
  )
  const children = Array.from({ length: 4 }, () => fork(script))
  await Promise.all(children.map((child) => once(child, 'message')))
  const answers = children.map((child) => once(child, 'message'))
  for (const child of children) child.send(argument)
  return (await Promise.all(answers)).map(([answer]) => String(answer))
}
