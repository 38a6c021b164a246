import type { Logger } from 'pino'
import type { Mailer } from '../../domain/mail/mailer.ts'

/** For a house without a mail server: notes what would go out. Whom it names and what it says shows at level debug only. */
export const logMailer = (logger: Pick<Logger, 'info' | 'debug'>): Mailer => ({
  send: ({ messageId, subject, to, text }) => {
    logger.info({ messageId }, 'a mail would go out; LEDGERDESK_SMTP_URL is not set')
    logger.debug({ messageId, to, subject, text }, 'the mail')
    return Promise.resolve({ tag: 'Noted' })
  },
  close: () => undefined,
})
