import type { Call, Commands } from '../../domain/commands.ts'
import type { Principal } from '../../domain/actor.ts'
import type { Request } from '../../domain/ticket/commands/registry.ts'
import { stories, type Story } from './stories.ts'

/** Each story is told so many times, in other places and on other days. */
const rounds = ['Frankfurt', 'Singapore', 'Dallas', 'São Paulo']
const minute = 60_000
/** Days that the tickets spread over. */
const days = 14

const personOf = (people: readonly Principal[], id: string): Principal => {
  const person = people.find((each) => each.id === id)
  if (person === undefined) throw new Error(`the demo has nobody called ${id}`)
  return person
}

const requestOf = (step: Story['steps'][number][2]): Exclude<Request, { type: 'open' }> =>
  typeof step === 'string' ? { type: 'comment', body: step } : step

/**
 * Fills an empty log with a few dozen believable tickets by the demo people, up to `now` (ms). Told as an import, since
 * they lie in the past.
 */
export const fillDemo = async (commands: Commands, people: readonly Principal[], now: number): Promise<void> => {
  const play = async (id: string, at: number, key: string, act: (call: Call) => ReturnType<Commands['act']>) => {
    const call = {
      caller: personOf(people, id),
      correlationId: `demo-${key}`,
      idempotencyKey: key,
      imported: { source: 'demo', at: new Date(at).toISOString() },
    }
    const outcome = await act(call)()
    if (outcome._tag === 'Left') throw new Error(`the demo cannot be told: ${JSON.stringify(outcome.left)}`)
    return outcome.right
  }
  // Before the first ticket, so that what support answers is news to its customers.
  for (const caller of people) {
    if (caller.role === 'customer' || caller.role === 'support')
      await commands.signIn({ caller, correlationId: 'demo' })()
  }
  const count = stories.length * rounds.length
  for (const [round, place] of rounds.entries()) {
    for (const [index, story] of stories.entries()) {
      const nth = round * stories.length + index
      const opened = now - ((count - nth) * days * 1440 * minute) / count
      const { id } = await play(story.by, opened, `${nth}`, (call) =>
        commands.open(call, {
          type: 'open',
          subject: round === 0 ? story.subject : `${story.subject} (${place})`,
          description: story.description,
          category: story.category,
        }),
      )
      for (const [step, [minutes, who, what]] of story.steps.entries()) {
        const at = Math.min(opened + minutes * minute, now)
        await play(who, at, `${nth}/${step}`, (call) => commands.act(call, id, requestOf(what)))
      }
    }
  }
}
