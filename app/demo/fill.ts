import { isLeft } from 'fp-ts/lib/Either.js'
import type { Call, Commands } from '../../domain/commands.ts'
import type { Principal } from '../../domain/actor.ts'
import type { Request } from '../../domain/ticket/commands/registry.ts'
import { stories, type Story } from './stories.ts'

/** Each story is used once for each place, on other days. */
const places = ['Frankfurt', 'Singapore', 'Dallas', 'São Paulo']
const minute = 60_000
/** The days before now over which the tickets are spread. */
const days = 14

const personOf = (people: readonly Principal[], id: string): Principal => {
  const person = people.find((each) => each.id === id)
  if (person === undefined) throw new Error(`there is no demo person ${id}`)
  return person
}

const requestOf = (step: Story['steps'][number][2]): Exclude<Request, { type: 'open' }> =>
  typeof step === 'string' ? { type: 'comment', body: step } : step

/**
 * Fills an empty log with tickets of the demo people, up to `now` (ms). Their commands are imported ones, since they
 * happened in the past.
 */
export const fillDemo = async (commands: Commands, people: readonly Principal[], now: number): Promise<void> => {
  const execute = async (id: string, at: number, key: string, act: (call: Call) => ReturnType<Commands['act']>) => {
    const call = {
      caller: personOf(people, id),
      correlationId: `demo-${key}`,
      idempotencyKey: key,
      imported: { source: 'demo', at: new Date(at).toISOString() },
    }
    const outcome = await act(call)()
    if (isLeft(outcome)) throw new Error(`a demo command was refused: ${JSON.stringify(outcome.left)}`)
    return outcome.right
  }
  // Before the first ticket, so that comments by support are unread for the customers.
  for (const caller of people) {
    if (caller.role === 'customer' || caller.role === 'support')
      await commands.signIn({ caller, correlationId: 'demo' })()
  }
  const count = stories.length * places.length
  for (const [round, place] of places.entries()) {
    for (const [index, story] of stories.entries()) {
      const nth = round * stories.length + index
      const opened = now - ((count - nth) * days * 1440 * minute) / count
      const { id } = await execute(story.by, opened, `${nth}`, (call) =>
        commands.open(call, {
          type: 'open',
          subject: round === 0 ? story.subject : `${story.subject} (${place})`,
          description: story.description,
          category: story.category,
        }),
      )
      for (const [step, [minutes, who, what]] of story.steps.entries()) {
        const at = Math.min(opened + minutes * minute, now)
        await execute(who, at, `${nth}/${step}`, (call) => commands.act(call, id, requestOf(what)))
      }
    }
  }
}
