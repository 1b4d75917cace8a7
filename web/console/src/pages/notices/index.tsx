// Notices: what people outside tell us, from the receipt to the answer.
import { Route, Routes } from "react-router-dom";
import { List } from "./List";
import { NoticePage } from "./NoticePage";

export default function NoticesPage() {
  return (
    <Routes>
      <Route path=":id" element={<NoticePage />} />
      <Route path="*" element={<List />} />
    </Routes>
  );
}
