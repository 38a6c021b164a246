import * as assert from 'uvu/assert'
import { answered, mailProcessSuite, nothingUnsent, serve } from '../support/mail-process.ts'
import { until } from '../support/until.ts'

const killed = mailProcessSuite('kill -9 in bursts of mails')
const kills = 4

killed('each mail arrives, and only mails under way may arrive twice', async (context) => {
  const bodies: string[] = []
  for (let round = 0; round < kills; round++) {
    const burst = Array.from({ length: 6 }, (_, n) =>
      answered(context, `Number ${round}/${n}.`).then(
        () => void bodies.push(`Number ${round}/${n}.`),
        () => undefined,
      ),
    )
    await Promise.all(burst.slice(0, (round % 5) + 2))
    await context.server.kill()
    await Promise.all(burst)
    context.server = await serve(context)
  }
  const isMailed = (body: string): boolean => context.mail.taken.some(({ raw }) => raw.includes(body))
  await until(() => bodies.every(isMailed))
  await nothingUnsent(context)
  const ids = context.mail.taken.map(({ messageId }) => messageId)
  assert.ok(ids.length - new Set(ids).size <= kills * 4)
  console.log(
    `\nmeasured: ${new Set(ids).size} mails, ${ids.length - new Set(ids).size} of them twice, in ${kills} kills`,
  )
})

killed.run()
