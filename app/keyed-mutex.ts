/** Runs what is named alike one after the other, in the order it came; nobody waits for another name. */
export const turns = () => {
  const last = new Map<string, Promise<void>>()
  return async <A>(name: string, act: () => Promise<A>): Promise<A> => {
    const before = last.get(name)
    const mine = Promise.withResolvers<void>()
    last.set(name, mine.promise)
    await before
    try {
      return await act()
    } finally {
      mine.resolve()
      if (last.get(name) === mine.promise) last.delete(name)
    }
  }
}
