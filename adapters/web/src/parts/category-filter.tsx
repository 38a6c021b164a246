import { useEffect, useRef } from 'preact/hooks'
import { categories, categoryName } from '../categories.ts'
import { goWith } from '../list-address.ts'
import { address } from '../router.ts'
import { words } from '../words.ts'
import { Icon } from './icon.tsx'

const shownAs = (chosen: readonly string[]): string =>
  chosen.length === 1 ? categoryName(chosen[0] ?? '') : words.categoryCount(chosen.length)

/** The filter by categories. It closes by Escape and when it loses the focus. */
export const CategoryFilter = () => {
  const menu = useRef<HTMLDetailsElement>(null)
  const chosen = address.value.query.getAll('category').filter((id) => id !== '')
  const close = (): void => {
    if (menu.current !== null) menu.current.open = false
  }
  useEffect(() => {
    const elsewhere = ({ target }: Event): void => {
      if (target instanceof Node && menu.current?.contains(target) !== true) close()
    }
    for (const name of ['pointerdown', 'focusin']) document.addEventListener(name, elsewhere)
    return () => {
      for (const name of ['pointerdown', 'focusin']) document.removeEventListener(name, elsewhere)
    }
  }, [])
  return (
    <details
      ref={menu}
      class="filter"
      onKeyDown={({ key }) => {
        if (key !== 'Escape') return
        close()
        menu.current?.querySelector('summary')?.focus()
      }}
    >
      <summary aria-label={words.filterBy(chosen.map(categoryName).join(', '))} title={words.filter}>
        <Icon name="filter" />
        {chosen.length > 0 && <span>{shownAs(chosen)}</span>}
      </summary>
      <div class="menu" role="group" aria-label={words.category}>
        {categories.value.map(({ id, name }) => (
          <label key={id} class="choice">
            <input
              type="checkbox"
              checked={chosen.includes(id)}
              onChange={({ currentTarget: { checked } }) =>
                goWith('category', ...(checked ? [...chosen, id] : chosen.filter((each) => each !== id)))
              }
            />
            <span>{name}</span>
          </label>
        ))}
        <button type="button" disabled={chosen.length === 0} onClick={() => goWith('category')}>
          {words.allCategories}
        </button>
      </div>
    </details>
  )
}
