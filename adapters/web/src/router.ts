import { signal } from '@preact/signals'

/** The address of the page, as everything on it follows it. */
export interface Address {
  readonly path: string
  readonly query: URLSearchParams
}

const here = (): Address => ({ path: location.pathname, query: new URLSearchParams(location.search) })

export const address = signal(here())

/** Goes to another page of ours. `replace` leaves no step to come back to. */
export const go = (to: string, replace = false): void => {
  if (replace) history.replaceState(null, '', to)
  else history.pushState(null, '', to)
  address.value = here()
  if (!replace) scrollTo(0, 0)
}

const linkOf = (target: EventTarget | null): HTMLAnchorElement | null =>
  target instanceof Element ? target.closest('a') : null

/** Links to pages of ours change the page in place; all others, and those for a new tab, are the browser's. */
export const followLinks = (): void => {
  addEventListener('popstate', () => (address.value = here()))
  document.addEventListener('click', (event) => {
    const link = linkOf(event.target)
    const isPlain = event.button === 0 && !event.metaKey && !event.ctrlKey && !event.shiftKey && !event.altKey
    if (link === null || !isPlain || event.defaultPrevented || link.target !== '' || link.hasAttribute('download'))
      return
    if (link.origin !== location.origin || /^\/(v1|docs)\b/.test(link.pathname) || link.hash !== '') return
    event.preventDefault()
    go(link.pathname + link.search)
  })
}
