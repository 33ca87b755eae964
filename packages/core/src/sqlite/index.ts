export const placeholder = '@syncline/core/sqlite'
