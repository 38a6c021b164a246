import type { Principal } from '../../domain/actor.ts'
import { accountId, personId } from '../../domain/ids.ts'

/** The people of demo mode (docs/api.md, Roles): the buttons of the sign-in page, and the names for `token --demo`. */
export const demoPeople: readonly Principal[] = [
  { id: personId('ann'), name: 'Ann Archer', email: 'ann@acme.example', role: 'customer', account: accountId('acme') },
  { id: personId('bob'), name: 'Bob Baker', email: 'bob@acme.example', role: 'customer', account: accountId('acme') },
  {
    id: personId('carla'),
    name: 'Carla Costa',
    email: 'carla@globex.example',
    role: 'customer',
    account: accountId('globex'),
  },
  { id: personId('sue'), name: 'Sue Singh', email: 'sue@support.example', role: 'support' },
  { id: personId('tom'), name: 'Tom Tran', email: 'tom@support.example', role: 'support' },
  { id: personId('ada'), name: 'Ada Adler', email: 'ada@audit.example', role: 'auditor' },
  { id: personId('ira'), name: 'Ira Ito', email: 'ira@analysis.example', role: 'analyst' },
]

export const demoPerson = (name: string): Principal | undefined => demoPeople.find((person) => person.name === name)
