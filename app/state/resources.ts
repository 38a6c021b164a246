/** Something that was opened. */
interface Resource {
  readonly close: () => Promise<void>
}

/** What a server has opened, to be closed in reverse. `onError` gets why one could not be closed; the others are. */
export const openResources = (onError: (error: unknown) => void) => {
  let opened: Resource[] = []
  return {
    add: (resource: Resource): void => void opened.push(resource),
    /** Closes what was added since it was last called. */
    close: async (): Promise<void> => {
      const closing = opened.toReversed()
      opened = []
      for (const resource of closing) await resource.close().catch(onError)
    },
  }
}
