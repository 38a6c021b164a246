import * as t from 'io-ts'

/** The states of the spec's "Ticket Progress Tracking". */
export const Status = t.keyof({ open: null, in_progress: null, waiting_for_customer: null, closed: null })
export type Status = t.TypeOf<typeof Status>

/** Why a status changed (rulings, 6). */
export const Cause = t.keyof({
  taken: null,
  asked: null,
  resumed: null,
  customer_replied: null,
  opened_for_customer: null,
})
export type Cause = t.TypeOf<typeof Cause>
