/** A mutex for each key: what is run under one key runs one after the other, in the order of the calls. */
export const keyedMutex = () => {
  const last = new Map<string, Promise<void>>()
  return async <A>(key: string, act: () => Promise<A>): Promise<A> => {
    const before = last.get(key)
    const mine = Promise.withResolvers<void>()
    last.set(key, mine.promise)
    await before
    try {
      return await act()
    } finally {
      mine.resolve()
      if (last.get(key) === mine.promise) last.delete(key)
    }
  }
}
