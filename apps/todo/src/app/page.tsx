import { TodoApp } from '../components/todo-app.tsx'

export default function Page() {
  return <TodoApp />
}
