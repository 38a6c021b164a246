import { useEffect, useRef } from 'preact/hooks'
import type { Status } from '../../../../domain/ticket/status.ts'
import { goWith, sortOf } from '../list-address.ts'
import { address, go } from '../router.ts'
import { me } from '../session.ts'
import { words } from '../words.ts'
import { CategoryFilter } from './category-filter.tsx'
import { Icon } from './icon.tsx'

const statuses: readonly Exclude<Status, 'closed'>[] = ['open', 'in_progress', 'waiting_for_customer']
const sorts = ['-updated', 'updated', '-created', 'created'] as const

/** Tickets that support has not taken yet, the oldest first. */
const unanswered = '/tickets?status=open&sort=created'
const isUnanswered = (query: URLSearchParams): boolean =>
  query.get('status') === 'open' && query.get('sort') === 'created'

const StatusFilter = () => (
  <label class="inline">
    <span>{words.statusFilter}</span>
    <select
      value={address.value.query.get('status') ?? ''}
      onChange={({ currentTarget }) => goWith('status', currentTarget.value)}
    >
      <option value="">{words.allStatuses}</option>
      {statuses.map((status) => (
        <option key={status} value={status}>
          {words.statuses[status]}
        </option>
      ))}
    </select>
  </label>
)

/** Sorts where the window is too narrow for the header row of the list. */
const SortMenu = () => (
  <label class="inline sort-menu">
    <span>{words.sortBy}</span>
    <select value={sortOf(address.value.query)} onChange={({ currentTarget }) => goWith('sort', currentTarget.value)}>
      {address.value.query.get('q') && <option value="relevance">{words.sorts.relevance}</option>}
      {sorts.map((sort) => (
        <option key={sort} value={sort}>
          {words.sorts[sort]}
        </option>
      ))}
    </select>
  </label>
)

/** Further filters, for roles that see all accounts. */
const Narrow = () => (
  <>
    {address.value.path === '/tickets' && (
      <button
        type="button"
        aria-pressed={isUnanswered(address.value.query)}
        onClick={() => go(isUnanswered(address.value.query) ? '/tickets' : unanswered)}
      >
        {words.unanswered}
      </button>
    )}
    <label class="inline">
      <span>{words.account}</span>
      <input
        type="text"
        placeholder={words.allAccounts}
        value={address.value.query.get('account') ?? ''}
        onChange={({ currentTarget }) => goWith('account', currentTarget.value.trim())}
      />
    </label>
  </>
)

/** The filter and the search box above a list. */
export const Toolbar = () => {
  const box = useRef<HTMLInputElement>(null)
  const asked = address.value.query.get('q') ?? ''
  // Going back in the browser's history restores the earlier search.
  useEffect(() => {
    if (box.current !== null) box.current.value = asked
  }, [asked])
  return (
    <div class="toolbar">
      <CategoryFilter />
      <form
        role="search"
        onSubmit={(event) => {
          event.preventDefault()
          goWith('q', box.current?.value.trim() ?? '')
        }}
      >
        <input
          ref={box}
          type="search"
          dir="auto"
          aria-label={words.searchLabel}
          placeholder={words.searchLabel}
          defaultValue={asked}
          // The clear button of a search box ends the search.
          onInput={({ currentTarget }) => currentTarget.value === '' && address.value.query.has('q') && goWith('q', '')}
        />
        <button type="submit" aria-label={words.search} title={words.search}>
          <Icon name="search" />
        </button>
      </form>
      {address.value.path === '/tickets' && <StatusFilter />}
      {me.value?.account === null && <Narrow />}
      <SortMenu />
    </div>
  )
}
