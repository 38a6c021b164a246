import { left, right } from 'fp-ts/lib/Either.js'
import * as t from 'io-ts'
import type { Principal } from '../../../domain/actor.ts'
import { comesByMail, kindsFor, MailChoice, type Kind } from '../../../domain/notification/kinds.ts'
import { named } from '../response-schemas.ts'
import { noQuery } from '../query.ts'
import { command, json, jsonReply, query } from '../route.ts'

const nobody = { tag: 'Forbidden', reason: 'only customers and support are told anything' } as const

const kindsOf = ({ role }: Principal): readonly Kind[] | null =>
  role === 'customer' || role === 'support' ? kindsFor(role) : null

const answerOf = (own: readonly Kind[], choice: MailChoice): t.TypeOf<typeof named.Preferences> => ({
  mail: Object.fromEntries(own.map((kind) => [kind, comesByMail(kind, choice)])),
})

export const preferences = query({
  path: '/v1/preferences',
  operationId: 'getPreferences',
  summary: 'Which kinds of notifications come by mail too',
  may: ['customer', 'support'],
  query: noQuery,
  forms: [{ mediaType: json, codec: named.Preferences }],
  handle: async ({ views }, { caller }) => {
    const own = kindsOf(caller)
    return own === null ? left(nobody) : right(jsonReply(answerOf(own, views.mailChoice(caller.id))))
  },
})

export const setPreferences = command({
  path: '/v1/preferences',
  method: 'put',
  operationId: 'setPreferences',
  summary: 'Choose which kinds come by mail; those that are not named do as they do for everybody',
  may: ['customer', 'support'],
  body: t.strict({ mail: MailChoice }),
  answers: named.Preferences,
  answerHeaders: ['Ledger-Position'],
  problems: ['damaged-stream', 'not-ready', 'storage-full', 'outcome-unknown'],
  handle: async ({ commands }, { caller, correlationId }, { mail }) => {
    const own = kindsOf(caller)
    if (own === null) return left(nobody)
    const foreign = Object.keys(mail).filter((kind) => own.every((each) => each !== kind))
    if (foreign.length > 0) {
      const errors = foreign.map((kind) => ({
        path: `mail.${kind}`,
        message: `is nothing that ${caller.role} is told`,
      }))
      return left({ tag: 'Invalid', errors })
    }
    const set = await commands.prefer({ caller, correlationId }, mail)()
    if (set._tag === 'Left') return set
    return right(jsonReply(answerOf(own, mail), { 'Ledger-Position': set.right.position }))
  },
})
