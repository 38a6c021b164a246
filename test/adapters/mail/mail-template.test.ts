import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { mailTemplate } from '../../../adapters/mail/mail-template.ts'
import type { DomainEvent } from '../../../domain/event-log/event-types.ts'
import { kinds } from '../../../domain/notification/kinds.ts'
import { opened, streamOf } from '../../support/http-stubs.ts'
import { ticketId } from '../../support/ids.ts'
import { ann, sue } from '../../support/people.ts'

const template = suite('mail template')

const ticket = ticketId('T-AAAAAAAA')
const at = '2024-05-01T10:00:00.000Z'
const publicUrl = 'https://desk.example'
const commented = (body: string): DomainEvent => ({ type: 'CommentAdded', data: {}, personal: { body } })
const attached = (name: string): DomainEvent => ({
  type: 'FileAttached',
  data: { file: 'f', mediaType: 'text/plain', size: 1, sha256: '0' },
  personal: { name },
})

template('one append is one mail with all its kinds', () => {
  const events = streamOf(ticket, [{ by: sue, at, events: [commented('Where?\nSince when?'), attached('map.png')] }])
  const content = { ticket, subject: 'No video', kinds: ['waiting_for_customer', 'support_commented'], events } as const
  const { subject, text, html, preferences } = mailTemplate({ ...content, publicUrl })
  assert.is(subject, '[T-AAAAAAAA] No video')
  assert.is(preferences, 'https://desk.example/preferences')
  assert.is(
    text,
    `Sue is waiting for your answer. Sue commented.

T-AAAAAAAA: No video

Where?
Since when?

Attached: map.png

Read and answer it at https://desk.example/tickets/T-AAAAAAAA

-- 
Nobody reads answers to this mail. Which mails you get is yours to choose: https://desk.example/preferences
`,
  )
  for (const part of [
    '<strong>Sue is waiting for your answer. Sue commented.</strong>',
    'Where?<br>\nSince when?',
    'Attached: map.png',
    '<a href="https://desk.example/tickets/T-AAAAAAAA">',
    '<a href="https://desk.example/preferences">',
  ]) {
    assert.ok(html.includes(part), part)
  }
})

template('a new ticket includes its description; every kind has a sentence', () => {
  const events = streamOf(ticket, [{ by: ann, at, events: [opened('acme', ann)] }])
  const content = { ticket, subject: 'No video', events, publicUrl }
  assert.match(
    mailTemplate({ ...content, kinds: ['new_ticket'] }).text,
    /^Ann opened a ticket\.\n\n.*\n\nIt is black\.\n/,
  )
  for (const kind of kinds)
    assert.match(mailTemplate({ ...content, kinds: [kind] }).text, /^Ann [a-z ]+\.\n\nT-AAAAAAAA/)
})

template('text of people is escaped in HTML', () => {
  const evil = `<script>alert("1")</script><img src=x onerror='alert(1)'>&amp;`
  const events = streamOf(ticket, [{ by: { ...sue, name: evil }, at, events: [commented(evil), attached(evil)] }])
  const { html } = mailTemplate({ ticket, subject: evil, kinds: ['support_commented'], events, publicUrl })
  assert.not.match(html, /<script|<img/)
  assert.is(html.split('&lt;script&gt;alert(&quot;1&quot;)&lt;/script&gt;&lt;img src=x onerror=&#39;').length, 6)
})

template('erased text is left out', () => {
  const events = streamOf(ticket, [{ by: sue, at, events: [commented('Where?')], erased: true }])
  const { subject, text } = mailTemplate({ ticket, subject: null, kinds: ['support_commented'], events, publicUrl })
  assert.is(subject, '[T-AAAAAAAA] a ticket')
  assert.match(text, /^Somebody commented\.\n\nT-AAAAAAAA: a ticket\n\nRead/)
})

template.run()
