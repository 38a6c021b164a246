/** A channel to the other tabs of this browser. What a tab sends, it does not receive itself. */
export interface Channel<A> {
  readonly send: (message: A) => void
  readonly close: () => void
}

export const openChannel = <A>(name: string, receive: (message: A) => void): Channel<A> => {
  const channel = new BroadcastChannel(name)
  channel.addEventListener('message', ({ data }: MessageEvent<A>) => receive(data))
  return {
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a BroadcastChannel has no target
    send: (message) => channel.postMessage(message),
    close: () => channel.close(),
  }
}
