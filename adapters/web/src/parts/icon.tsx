const paths = {
  filter: 'M1.5 2.5h13L9.5 8.5v5l-3-1.5v-3.5z',
  search: 'M7 2.5a4.5 4.5 0 1 1 0 9 4.5 4.5 0 0 1 0-9zM10.5 10.5l4 4',
  preview: 'M1 8s2.5-4.5 7-4.5S15 8 15 8s-2.5 4.5-7 4.5S1 8 1 8zM8 6a2 2 0 1 1 0 4 2 2 0 0 1 0-4z',
  download: 'M8 2v8M4.5 7 8 10.5 11.5 7M2.5 13.5h11',
  cross: 'M3.5 3.5l9 9M12.5 3.5l-9 9',
  before: 'M10 3 5 8l5 5',
  after: 'M6 3l5 5-5 5',
  down: 'M3 6l5 5 5-5',
  up: 'M3 10l5-5 5 5',
} as const

/** An icon beside or instead of a text. It is hidden from screen readers, which read the control's label. */
export const Icon = ({ name }: { readonly name: keyof typeof paths }) => (
  <svg class="drawing" viewBox="0 0 16 16" width="16" height="16" aria-hidden="true">
    <path d={paths[name]} />
  </svg>
)
