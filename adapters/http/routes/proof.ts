import { create as contentDisposition } from 'content-disposition'
import { left, right } from 'fp-ts/lib/Either.js'
import * as t from 'io-ts'
import { noQuery } from '../query.ts'
import { json, query } from '../route.ts'

const nobodyWaits = { tag: 'NotReady', reason: 'nobody waits for it' } as const

/**
 * A ticket's history with its proof, to be checked offline. It holds mails, as they were hashed, so it is for those who
 * see them; that an auditor takes it is recorded as reading the history, once its turn has come: what is refused before
 * leaves no record of something shown.
 */
export const proof = query({
  path: '/v1/tickets/{id}/proof',
  operationId: 'getProof',
  summary: "Download a ticket's history with a proof that it stands in the log",
  may: ['support', 'auditor'],
  query: noQuery,
  forms: [{ mediaType: json, codec: t.UnknownRecord }],
  answerHeaders: ['Content-Disposition'],
  problems: ['damaged-stream', 'storage-full', 'outcome-unknown', 'not-ready'],
  handle: async ({ commands, prove }, { caller, correlationId, param, request }) => {
    const ticket = param('id')
    const bundle = await prove(ticket, async () =>
      request.socket.destroyed ? left(nobodyWaits) : commands.history({ caller, correlationId }, ticket)(),
    )
    if (bundle._tag === 'Left') return bundle
    const headers = { 'Content-Disposition': contentDisposition(`${ticket}.bundle.json`) }
    return right({ mediaType: json, content: bundle.right, headers })
  },
})
