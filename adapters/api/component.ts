import type * as t from 'io-ts'

const names = new WeakMap<object, string>()

/** Names a codec among the components of the OpenAPI document, which writes its schema there once and refers to it. */
export const component = <C extends t.Mixed>(name: string, codec: C): C => {
  names.set(codec, name)
  return codec
}

export const componentName = (codec: t.Mixed): string | undefined => names.get(codec)
