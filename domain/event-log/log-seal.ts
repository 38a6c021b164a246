import * as t from 'io-ts'

/**
 * The last event of a log that was copied away: it takes no others, and goes on in the log at `to`, which has everything
 * but this event (docs/adr/0033-log-identity.md). `to` holds no password.
 */
const LogSealed = t.strict({
  type: t.literal('LogSealed'),
  data: t.strict({ to: t.string }),
  personal: t.strict({}),
})
export type LogSealed = t.TypeOf<typeof LogSealed>

/** The type of event of the log itself, with its schema version (`domain/event-log/event-types.ts`). */
export const logEvents = { LogSealed: { schema: 1, codec: LogSealed } } as const

/** Where the log goes on that this stored event seals. */
export const sealedTo = ({ data }: { readonly data: string }): string => {
  const sealed: LogSealed['data'] = JSON.parse(data)
  return sealed.to
}
