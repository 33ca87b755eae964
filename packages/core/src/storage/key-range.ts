/**
 * The first key after all that start with `prefix`, in code-unit order; undefined when there is none (the
 * empty prefix, or only the highest code units).
 */
export const prefixEnd = (prefix: string): string | undefined => {
  for (let last = prefix.length - 1; last >= 0; last--) {
    const unit = prefix.charCodeAt(last)
    if (unit < 0xffff) return prefix.slice(0, last) + String.fromCharCode(unit + 1)
  }
  return undefined
}
