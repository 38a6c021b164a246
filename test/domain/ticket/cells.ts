import type * as t from 'io-ts'
import {
  definitionOf,
  ticketCommands,
  type AnyCommand,
  type CommandType,
  type TicketCommand,
} from '../../../domain/ticket/commands/registry.ts'
import type { Ticket } from '../../../domain/ticket/ticket.ts'

/**
 * The cells of the table in docs/domain.md, derived from the registry: each command, by each role that may issue it,
 * with each value of its enumerated fields, on each state. A new command or value without examples fails the test that
 * compares them.
 */
const statuses = ['open', 'in_progress', 'waiting_for_customer', 'closed']
const assignees = ['nobody', 'somebody']

type Shaped = t.Mixed & {
  readonly _tag?: string
  readonly keys?: object
  readonly props?: Readonly<Record<string, t.Mixed>>
  readonly type?: t.Mixed
  readonly types?: readonly t.Mixed[]
}

/** The fields of a body that take one of a few values, with those values; `optional` where the field may be left out. */
const enumeratedFields = (body: Shaped, optional = false): { name: string; values: (string | undefined)[] }[] => {
  switch (body._tag) {
    case 'InterfaceType':
    case 'PartialType':
      return Object.entries(body.props ?? {}).flatMap(([name, codec]) => {
        const { _tag, keys = {} }: Shaped = codec
        const isOptional = optional || body._tag === 'PartialType'
        return _tag === 'KeyofType'
          ? [{ name, values: [...(isOptional ? [undefined] : []), ...Object.keys(keys)] }]
          : []
      })
    case 'IntersectionType':
      return (body.types ?? []).flatMap((each) => enumeratedFields(each, optional))
    case 'ExactType':
    case 'ReadonlyType':
      return body.type === undefined ? [] : enumeratedFields(body.type, optional)
    default:
      throw new Error(`the fields of ${body.name} are not known`)
  }
}

const nameOf = (type: CommandType, values: readonly (string | undefined)[]): string =>
  [type, ...values.filter((value) => value !== undefined)].join(' ')

const rowsOf = ({ type, body, by, supportOnly = [] }: AnyCommand): string[] =>
  by.flatMap((role) => {
    const fields = enumeratedFields(body).filter(({ name }) => role === 'support' || !supportOnly.includes(name))
    const combinations = fields.reduce<(string | undefined)[][]>(
      (rows, { values }) => rows.flatMap((row) => values.map((value) => [...row, value])),
      [[]],
    )
    return combinations.map((values) => `${nameOf(type, values)}, ${role}`)
  })

const definitions = Object.values<AnyCommand>(ticketCommands)

export const allCells: readonly string[] = definitions
  .flatMap((definition) =>
    rowsOf(definition).flatMap((row) =>
      definition.type === 'open'
        ? [`${row}, on none`]
        : statuses.flatMap((status) => assignees.map((assignee) => `${row}, on ${status} assigned to ${assignee}`)),
    ),
  )
  .toSorted()

export const cellOf = (command: TicketCommand, ticket: Ticket): string => {
  const values = enumeratedFields(definitionOf(command.type).body).map(
    ({ name }) => Object.entries(command).find(([field]) => field === name)?.[1],
  )
  const row = `${nameOf(command.type, values)}, ${command.actor.role}, on ${ticket.status}`
  return ticket.status === 'none' ? row : `${row} assigned to ${ticket.assignee === null ? 'nobody' : 'somebody'}`
}
