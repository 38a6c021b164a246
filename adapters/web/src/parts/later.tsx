import { useSignal } from '@preact/signals'
import type { ComponentType } from 'preact'
import { useEffect } from 'preact/hooks'
import { words } from '../words.ts'
import { Loading } from './basics.tsx'

type Loaded<P> = { readonly is: ComponentType<P> } | 'failed' | null

/** A page whose script is loaded when it is first opened. */
export const later = <P extends object>(load: () => Promise<ComponentType<P>>): ComponentType<P> =>
  function Later(props: P) {
    const loaded = useSignal<Loaded<P>>(null)
    useEffect(() => {
      load().then(
        (is) => (loaded.value = { is }),
        () => (loaded.value = 'failed'),
      )
    }, [])
    if (loaded.value === null) return <Loading />
    if (loaded.value === 'failed') return <p role="alert">{words.offline}</p>
    const { is: Page } = loaded.value
    return <Page {...props} />
  }
