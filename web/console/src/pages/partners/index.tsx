// Partners: whom we work with outside, and whether what we know of them is still right.
import { Route, Routes } from "react-router-dom";
import { useMay } from "@/api";
import { List } from "./List";
import { NewPartner, PartnerPage } from "./PartnerPage";

export default function PartnersPage() {
  const may = useMay();
  return (
    <Routes>
      {may("partner_manage") && <Route path="new" element={<NewPartner />} />}
      <Route path=":id" element={<PartnerPage />} />
      <Route path="*" element={<List />} />
    </Routes>
  );
}
