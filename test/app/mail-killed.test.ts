import * as assert from 'uvu/assert'
import { answered, mailProcessSuite, nothingUnsent, restart, unsent } from '../support/mail-process.ts'
import { ledgerdesk } from '../support/server.ts'
import { until } from '../support/until.ts'

const killed = mailProcessSuite('kill -9 between the steps of a mail')

killed('queued, and nothing sent yet: once', async (context) => {
  await context.mail.stop()
  await answered(context)
  await until(() => unsent(context).some(({ reason }) => reason !== null))
  await context.mail.start()
  await restart(context, 'take')
  await context.mail.untilTaken(1)
  await nothingUnsent(context)
  assert.is(context.mail.taken.length, 1)
})

killed('while the mail is being received: once', async (context) => {
  context.handling = 'stall'
  await answered(context)
  await until(() => context.mail.tried() === 1)
  await restart(context, 'take')
  await context.mail.untilTaken(1)
  await nothingUnsent(context)
  assert.is(context.mail.taken.length, 1)
})

killed('taken, and killed before the reply: twice under the same Message-ID', async (context) => {
  context.handling = 'take-and-stall'
  await answered(context)
  await context.mail.untilTaken(1)
  await restart(context, 'take')
  await nothingUnsent(context)
  assert.is(context.mail.taken.length, 2)
  assert.is(context.mail.taken[0]?.messageId, context.mail.taken[1]?.messageId)
  assert.is(context.mail.taken[0]?.raw.includes('https://localhost:8443/tickets/T-'), true)
})

killed('sent: never again, through kills and a rebuild of the read models', async (context) => {
  await answered(context)
  await context.mail.untilTaken(1)
  await nothingUnsent(context)
  await restart(context, 'take')
  assert.is((await ledgerdesk(context.folder.path, 'rebuild')).code, 0)
  await restart(context, 'take')
  await answered(context)
  await context.mail.untilTaken(2)
  await nothingUnsent(context)
  assert.is(context.mail.taken.length, 2)
})

killed.run()
