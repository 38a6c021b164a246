/** What kind of help a ticket asks for. The event keeps id and name as they were. */
export interface Category {
  readonly id: string
  readonly name: string
}

/** A category of the configured list. A retired one takes no new tickets, and stays listed for those that have it. */
export type ListedCategory = Category & { readonly retired: boolean }
