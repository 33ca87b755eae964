export const placeholder = '@syncline/server/sqlite'
