import type { Customer, Support } from '../../domain/actor.ts'

/** The people of the tests: two customers of one account, one customer of another, and two support agents. */
export const bob: Customer = { id: 'bob', name: 'Bob', email: 'bob@acme.example', role: 'customer', account: 'acme' }
export const ann: Customer = { id: 'ann', name: 'Ann', email: 'ann@acme.example', role: 'customer', account: 'acme' }
export const eve: Customer = { id: 'eve', name: 'Eve', email: 'eve@evil.example', role: 'customer', account: 'evil' }
export const sue: Support = { id: 'sue', name: 'Sue', email: 'sue@help.example', role: 'support' }
export const tom: Support = { id: 'tom', name: 'Tom', email: 'tom@help.example', role: 'support' }
