export const placeholder = '@syncline/core/indexed-db'
