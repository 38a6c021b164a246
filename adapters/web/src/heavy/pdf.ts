import { getDocument, GlobalWorkerOptions } from 'pdfjs-dist'
import { words } from '../words.ts'

GlobalWorkerOptions.workerSrc = new URL('pdfjs-dist/build/pdf.worker.min.mjs', import.meta.url).href

/** The most pages that are drawn. */
const mostPages = 50

/** Draws a PDF as pictures: its scripts, forms and links do nothing. */
export const drawPdf = async (address: string, place: HTMLElement): Promise<void> => {
  const pdf = await getDocument({ url: address, enableXfa: false }).promise
  for (let n = 1; n <= Math.min(pdf.numPages, mostPages); n++) {
    const page = await pdf.getPage(n)
    const viewport = page.getViewport({ scale: 1.5 })
    const canvas = document.createElement('canvas')
    canvas.width = viewport.width
    canvas.height = viewport.height
    canvas.setAttribute('role', 'img')
    canvas.setAttribute('aria-label', words.page(n, pdf.numPages))
    place.append(canvas)
    await page.render({ canvas, viewport }).promise
  }
}
