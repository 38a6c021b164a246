import * as t from 'io-ts'

/** docs/domain.md, "Commands", says which command leads to which status. */
export const Status = t.keyof({ open: null, in_progress: null, waiting_for_customer: null, closed: null })
export type Status = t.TypeOf<typeof Status>

/** Why a status changed (docs/domain.md, "Events"). */
export const Cause = t.keyof({
  taken: null,
  asked: null,
  resumed: null,
  customer_replied: null,
  opened_for_customer: null,
})
export type Cause = t.TypeOf<typeof Cause>
