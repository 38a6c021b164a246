import { linkedParts } from '../linked-text.ts'

/** What somebody wrote, with links for web and mail addresses. Nothing is fetched for them. */
export const Linked = ({ text }: { readonly text: string }) => (
  <>
    {linkedParts(text).map(({ text: part, href }) =>
      href === null ? (
        part
      ) : (
        <a href={href} rel="noopener nofollow" {...(href.startsWith('mailto:') ? {} : { target: '_blank' })}>
          {part}
        </a>
      ),
    )}
  </>
)
