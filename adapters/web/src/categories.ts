import { effect, signal } from '@preact/signals'
import { get } from './api.ts'
import { me } from './session.ts'

export interface ListedCategory {
  readonly id: string
  readonly name: string
  readonly retired: boolean
}

/** The ticket types; empty until they are loaded. */
export const categories = signal<readonly ListedCategory[]>([])

effect(() => {
  if (me.value === null || me.value === undefined) return
  void get<{ readonly items: readonly ListedCategory[] }>('/v1/categories').then((answer) => {
    if (answer.ok) categories.value = answer.value.items
  })
})

/** The category's name, or its id where the list does not have it. */
export const categoryName = (id: string): string => categories.value.find((each) => each.id === id)?.name ?? id
