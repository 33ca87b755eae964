export const placeholder = '@syncline/tanstack-query'
