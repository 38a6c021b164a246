/** A body that each operation which takes one accepts, by its id, on the demo data and on that of `http-server.ts`. */
const bodies: Readonly<Record<string, unknown>> = {
  openTicket: { subject: 'No video', description: 'It is black.', category: 'video-cdn' },
  commentTicket: { body: 'Hello' },
  takeTicket: {},
  statusTicket: { status: 'in_progress' },
  assignTicket: { assignee: { id: 'sue', name: 'Sue Singh', email: 'sue@support.example' } },
  closeTicket: {},
  reopenTicket: { body: 'Again' },
  seeTicket: {},
  seeNotifications: {},
  setPreferences: { mail: {} },
  signIn: { person: 'ann' },
  signOut: {},
  unsubscribe: {},
}

/** @throws Error for an operation that has none yet. */
export const goodBody = (operationId: string): unknown => {
  if (!Object.hasOwn(bodies, operationId))
    throw new Error(`add a body of ${operationId} to test/support/good-bodies.ts`)
  return bodies[operationId]
}
