import { signal } from '@preact/signals'

/** The page's address, from which the page is rendered. */
export interface Address {
  readonly path: string
  readonly query: URLSearchParams
}

const here = (): Address => ({ path: location.pathname, query: new URLSearchParams(location.search) })

export const address = signal(here())

/** Opens another page of this client. `replace` replaces the entry in the browser's history. */
export const go = (to: string, replace = false): void => {
  if (replace) history.replaceState(null, '', to)
  else history.pushState(null, '', to)
  address.value = here()
  if (!replace) scrollTo(0, 0)
}

const linkOf = (target: EventTarget | null): HTMLAnchorElement | null =>
  target instanceof Element ? target.closest('a') : null

/** Links to pages of this client render in place; other links, and those for a new tab, are left to the browser. */
export const followLinks = (): void => {
  addEventListener('popstate', () => (address.value = here()))
  document.addEventListener('click', (event) => {
    const link = linkOf(event.target)
    const isPlain = event.button === 0 && !event.metaKey && !event.ctrlKey && !event.shiftKey && !event.altKey
    if (link === null || !isPlain || event.defaultPrevented || link.target !== '' || link.hasAttribute('download'))
      return
    if (link.origin !== location.origin || /^\/(v1|docs|auth)\b/.test(link.pathname) || link.hash !== '') return
    event.preventDefault()
    go(link.pathname + link.search)
  })
}
