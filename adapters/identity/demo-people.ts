import type { Principal } from '../../domain/actor.ts'

/** The people of demo mode (docs/api.md, Roles): the buttons of the sign-in page, and the names for `token --demo`. */
export const demoPeople: readonly Principal[] = [
  { id: 'ann', name: 'Ann Archer', email: 'ann@acme.example', role: 'customer', account: 'acme' },
  { id: 'bob', name: 'Bob Baker', email: 'bob@acme.example', role: 'customer', account: 'acme' },
  { id: 'carla', name: 'Carla Costa', email: 'carla@globex.example', role: 'customer', account: 'globex' },
  { id: 'sue', name: 'Sue Singh', email: 'sue@support.example', role: 'support' },
  { id: 'tom', name: 'Tom Tran', email: 'tom@support.example', role: 'support' },
  { id: 'ada', name: 'Ada Adler', email: 'ada@audit.example', role: 'auditor' },
  { id: 'ira', name: 'Ira Ito', email: 'ira@analysis.example', role: 'analyst' },
]

export const demoPerson = (name: string): Principal | undefined => demoPeople.find((person) => person.name === name)
