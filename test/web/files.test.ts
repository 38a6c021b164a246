import { readFileSync } from 'node:fs'
import type { Page } from 'playwright-core'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import type { Kind } from '../../domain/files/kinds.ts'
import { fixture, padded, text, type Sent } from '../support/fixtures.ts'
import { button, startSite, until, type Site, type SignedIn } from '../support/pages.ts'

/** Files on the pages: picked, dropped and pasted, refused with a reason, previewed and downloaded. */
interface Context {
  site: Site
  ann: SignedIn
}

const files = suite<Context>('files at the pages')

files.before(async (context) => {
  context.site = await startSite()
  context.ann = await context.site.signIn('Ann Archer')
  const api = await context.site.api('Ann Archer')
  const { body } = await api.post('/v1/tickets', { subject: 'With files', description: 'See.', category: 'other' })
  await context.ann.open(`/tickets/${body['id']}`)
})
files.after(async ({ site }) => site.close())
files.after.each(({ ann }) => assert.equal(ann.errors, []))

const payload = ({ name, bytes }: Sent) => ({ name, mimeType: '', buffer: Buffer.from(bytes) })
const pick = async (page: Page, ...sent: readonly Sent[]): Promise<void> => {
  const [chooser] = await Promise.all([page.waitForEvent('filechooser'), button(page, 'Attach Files').click()])
  await chooser.setFiles(sent.map(payload))
}
const item = (page: Page, name: string) => page.getByRole('listitem').filter({ hasText: name })

/** Dispatches the event of a drop or a paste of files. */
const give = (page: Page, how: 'drop' | 'paste', { name, bytes }: Sent): Promise<void> =>
  page.getByLabel('Message', { exact: true }).evaluate(
    (field, [event, title, content]) => {
      const data = new DataTransfer()
      data.items.add(new File([Uint8Array.from(content)], title))
      field.dispatchEvent(
        event === 'drop'
          ? new DragEvent('drop', { dataTransfer: data, bubbles: true, cancelable: true })
          : new ClipboardEvent('paste', { clipboardData: data, bubbles: true, cancelable: true }),
      )
    },
    [how, name, [...bytes]] as const,
  )

files('picked, dropped and pasted files go with one message', async ({ ann: { page } }) => {
  await pick(page, fixture('png'), fixture('pdf'))
  await give(page, 'drop', text('dropped.txt', 'Dropped it.'))
  await give(page, 'paste', text('table.csv', 'who,what\nAnn,"a ""quote"""\n=1+1,sum\n'))
  for (const name of ['picture.png', 'note.pdf', 'dropped.txt', 'table.csv'])
    await button(page, `Remove ${name}`).waitFor()
  await button(page, 'Remove dropped.txt').click()
  await item(page, 'dropped.txt').waitFor({ state: 'detached' })
  await give(page, 'drop', text('kept.txt', 'Kept it.\n<b>as it is</b>'))
  await button(page, 'Remove kept.txt').waitFor()
  await button(page, 'Send Message').click()
  await button(page, 'Preview picture.png').waitFor({ state: 'attached' })
  for (const name of ['note.pdf', 'kept.txt', 'table.csv'])
    await button(page, `Preview ${name}`).waitFor({ state: 'attached' })
})

files('a paste of text with its picture, as Office programs make it, is text', async ({ ann: { page } }) => {
  const prevented = await page.getByLabel('Message', { exact: true }).evaluate((field) => {
    const data = new DataTransfer()
    data.items.add('a\tb', 'text/plain')
    data.items.add(new File([Uint8Array.of(1)], 'image.png', { type: 'image/png' }))
    return !field.dispatchEvent(new ClipboardEvent('paste', { clipboardData: data, bubbles: true, cancelable: true }))
  })
  assert.not(prevented, 'the browser inserts the text')
  assert.is(await item(page, 'image.png').count(), 0)
})

files('a refused file shows the reason beside its name, and blocks nothing', async ({ ann: { page } }) => {
  await pick(page, text('run.exe', 'MZ'), padded(fixture('png'), 10 * 1_048_576 + 1), text('fake.pdf', 'no pdf'))
  assert.match(await item(page, 'run.exe').getByRole('alert').innerText(), /kind/)
  assert.match(await item(page, 'picture.png').getByRole('alert').innerText(), /10 MB/)
  assert.match(await item(page, 'fake.pdf').getByRole('alert').innerText(), /hold what its name says/)
  for (const name of ['run.exe', 'picture.png', 'fake.pdf']) await button(page, `Remove ${name}`).click()
  await until('all are gone', async () => (await page.getByRole('alert').count()) === 0)
})

files('ten files and no more', async ({ ann: { page } }) => {
  await pick(page, ...Array.from({ length: 11 }, (_, n) => text(`n${n}.txt`, `${n}`)))
  await until('ten are taken', async () => (await page.getByRole('button', { name: /^Remove n/ }).count()) === 11)
  assert.match(await item(page, 'n10.txt').getByRole('alert').innerText(), /10/)
  for (let n = 0; n <= 10; n++) await button(page, `Remove n${n}.txt`).click()
})

files('a file goes with a new ticket, and with the message that reopens it', async ({ ann: { page, open } }) => {
  const before = page.url()
  await open('/new')
  await page.getByLabel('Subject').fill('Born with a file')
  await page.getByLabel('Description').fill('See there.')
  await pick(page, fixture('gif'))
  await button(page, 'Remove animation.gif').waitFor()
  await button(page, 'Create Ticket').click()
  await button(page, 'Preview animation.gif').waitFor({ state: 'attached' })
  await button(page, 'Close ticket').click()
  await page.getByRole('dialog').getByRole('button', { name: 'Close ticket' }).click()
  await button(page, 'Reopen ticket').click()
  await pick(page, fixture('zip'))
  await button(page, 'Remove archive.zip').waitFor()
  const send = button(page, 'Send message & reopen ticket')
  assert.ok(await send.isDisabled(), 'a file alone reopens nothing')
  await page.getByLabel('Message', { exact: true }).fill('Here it is')
  await send.click()
  await page.getByRole('link', { name: 'Download archive.zip' }).waitFor({ state: 'attached' })
  assert.is(await button(page, 'Preview archive.zip').count(), 0, 'an archive has no preview')
  await button(page, 'Close ticket').waitFor()
  await page.goto(before)
  await button(page, 'Send Message').waitFor()
})

files('an upload in progress shows its progress and can be cancelled', async ({ ann: { page } }) => {
  let release = (): void => undefined
  const held = new Promise<void>((resolve) => (release = resolve))
  await page.route('**/v1/files', async (route) => {
    await held
    await route.abort().catch(() => undefined)
  })
  await pick(page, text('slow.txt', 'slow'))
  await page.getByRole('progressbar', { name: 'Uploading slow.txt' }).waitFor()
  assert.ok(await button(page, 'Send Message').isDisabled(), 'the message waits for its file')
  await button(page, 'Cancel slow.txt').click()
  await item(page, 'slow.txt').waitFor({ state: 'detached' })
  release()
  await page.unroute('**/v1/files')
})

files('a file shows Preview and Download on hover and on focus', async ({ ann: { page } }) => {
  const preview = button(page, 'Preview picture.png')
  const opacity = () =>
    preview.evaluate((element) => Number(getComputedStyle(element.parentElement ?? element).opacity))
  await page.mouse.move(0, 0)
  await until('it is hidden', async () => (await opacity()) === 0)
  await preview.focus()
  await until('the focus shows it', async () => (await opacity()) === 1)
  await preview.blur()
  await until('it is hidden again', async () => (await opacity()) === 0)
  await page.getByText('picture.png', { exact: true }).hover()
  await until('pointing at it shows it', async () => (await opacity()) === 1)
})

files('a download has the bytes and the name', async ({ ann: { page } }) => {
  for (const kind of ['png', 'pdf'] satisfies readonly Kind[]) {
    const { name, bytes } = fixture(kind)
    await page.getByText(name, { exact: true }).hover()
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('link', { name: `Download ${name}` }).click(),
    ])
    assert.is(download.suggestedFilename(), name)
    assert.ok(readFileSync(await download.path()).equals(Buffer.from(bytes)))
  }
})

files('the preview window: name, Download and close above; count, date and size below', async ({ ann: { page } }) => {
  await page.getByText('picture.png', { exact: true }).hover()
  await button(page, 'Preview picture.png').click()
  const dialog = page.getByRole('dialog')
  await dialog.getByRole('heading', { name: 'picture.png' }).waitFor()
  await dialog.getByRole('link', { name: 'Download' }).waitFor()
  const text = await dialog.innerText()
  assert.match(text, /4 attachments/)
  assert.match(text, /Uploaded .*:\d\d .* (B|kB)/)
  const image = dialog.getByRole('img')
  await until('the picture is drawn', () => image.evaluate((element) => (element as HTMLImageElement).naturalWidth > 0))
})

files('arrow keys step to the pdf, the text and the table; Escape closes', async ({ ann: { page } }) => {
  const dialog = page.getByRole('dialog')
  await page.keyboard.press('ArrowRight')
  await dialog.getByRole('heading', { name: 'note.pdf' }).waitFor()
  const sheet = dialog.getByRole('img', { name: 'Page 1 of 1' })
  await sheet.waitFor()
  await until('the page is drawn', () =>
    sheet.evaluate((element) => {
      const canvas = element as HTMLCanvasElement
      const { data } = canvas.getContext('2d')?.getImageData(0, 0, canvas.width, canvas.height) ?? { data: [] }
      return [...data].some((value, n) => n % 4 < 3 && value < 128)
    }),
  )
  await page.keyboard.press('ArrowRight')
  await dialog.getByRole('heading', { name: 'table.csv' }).waitFor()
  await dialog.getByRole('columnheader', { name: 'what' }).waitFor()
  await dialog.getByRole('cell', { name: 'a "quote"' }).waitFor()
  await dialog.getByRole('cell', { name: '=1+1' }).waitFor()
  await page.keyboard.press('ArrowRight')
  await dialog.getByRole('heading', { name: 'kept.txt' }).waitFor()
  await dialog.getByText('<b>as it is</b>').waitFor()
  await page.keyboard.press('ArrowLeft')
  await dialog.getByRole('heading', { name: 'table.csv' }).waitFor()
  await page.keyboard.press('Escape')
  await dialog.waitFor({ state: 'hidden' })
  assert.is(await button(page, 'Preview picture.png').evaluate((element) => element === document.activeElement), true)
})

files.run()
