import type { TicketItem } from '../../../api/response-schemas.ts'
import { categoryName } from '../categories.ts'
import { sortOf } from '../list-address.ts'
import { address, go } from '../router.ts'
import { me } from '../session.ts'
import { words } from '../words.ts'
import { personName, StatusMark, When } from './basics.tsx'

type Column = 'updated' | 'created'

const Sorted = ({ column, text }: { readonly column: Column; readonly text: string }) => {
  const { path, query } = address.value
  const sort = sortOf(query)
  const isDown = sort === `-${column}`
  const isUp = sort === column
  const reverse = (): void => {
    const next = new URLSearchParams(query)
    next.set('sort', isDown ? column : `-${column}`)
    go(`${path}?${next}`)
  }
  return (
    <th scope="col" class={column} aria-sort={isDown ? 'descending' : isUp ? 'ascending' : 'none'}>
      <button type="button" onClick={reverse}>
        {text}
        <span aria-hidden="true" class={isDown || isUp ? 'arrow' : 'arrow idle'}>
          {isUp ? '↑' : '↓'}
        </span>
      </button>
    </th>
  )
}

const Row = ({ item, withAccount }: { readonly item: TicketItem; readonly withAccount: boolean }) => (
  <tr class={item.unread ? 'unread' : ''}>
    <td class="id">{item.id}</td>
    {withAccount && <td class="account">{item.account}</td>}
    <td class="author">
      <bdi>{personName(item.author)}</bdi>
    </td>
    <td class="title">
      <a href={`/tickets/${item.id}`} dir="auto">
        {item.subject ?? words.erased}
        {item.unread && <span class="unseen"> ({words.unread})</span>}
      </a>
    </td>
    <td class="state">
      <StatusMark status={item.status} />
    </td>
    <td class="category">{categoryName(item.category)}</td>
    <td class="updated" data-label={words.updated}>
      <When at={item.updatedAt} />
    </td>
    <td class="created" data-label={words.created}>
      <When at={item.createdAt} />
    </td>
  </tr>
)

/** The table of tickets; each row links to its ticket, two headers sort. */
export const Rows = ({ items, title }: { readonly items: readonly TicketItem[]; readonly title: string }) => {
  const withAccount = me.value?.account === null
  return (
    <table class="tickets">
      <caption class="unseen">{title}</caption>
      <thead>
        <tr>
          <th scope="col">{words.id}</th>
          {withAccount && (
            <th scope="col" class="account">
              {words.account}
            </th>
          )}
          <th scope="col" class="author">
            {words.author}
          </th>
          <th scope="col" class="title">
            {words.title}
          </th>
          <th scope="col">{words.status}</th>
          <th scope="col" class="category">
            {words.category}
          </th>
          <Sorted column="updated" text={words.updated} />
          <Sorted column="created" text={words.created} />
        </tr>
      </thead>
      <tbody>
        {items.map((item) => (
          <Row key={item.id} item={item} withAccount={withAccount} />
        ))}
      </tbody>
    </table>
  )
}
