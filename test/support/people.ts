import type { Customer, Support } from '../../domain/actor.ts'
import { accountId, personId } from './ids.ts'

/** The people of the tests: two customers of one account, one customer of another, and two support agents. */
export const bob: Customer = {
  id: personId('bob'),
  name: 'Bob',
  email: 'bob@acme.example',
  role: 'customer',
  account: accountId('acme'),
}
export const ann: Customer = {
  id: personId('ann'),
  name: 'Ann',
  email: 'ann@acme.example',
  role: 'customer',
  account: accountId('acme'),
}
export const eve: Customer = {
  id: personId('eve'),
  name: 'Eve',
  email: 'eve@evil.example',
  role: 'customer',
  account: accountId('evil'),
}
export const sue: Support = { id: personId('sue'), name: 'Sue', email: 'sue@help.example', role: 'support' }
export const tom: Support = { id: personId('tom'), name: 'Tom', email: 'tom@help.example', role: 'support' }
