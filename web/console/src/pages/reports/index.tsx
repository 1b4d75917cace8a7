// Reports to authorities: what is owed, one report from draft to receipt, the register.
import { useTranslation } from "react-i18next";
import { Route, Routes } from "react-router-dom";
import { useMay } from "@/api";
import { SubNav, type SubRoom } from "../parts";
import { List } from "./List";
import { New } from "./New";
import { Register } from "./Register";
import { ReportPage } from "./ReportPage";

export default function ReportsPage() {
  const { t } = useTranslation("reports");
  const may = useMay();
  const reads = may("report_read");
  const registers = may("report_register");
  const rooms: SubRoom[] = [
    ...(reads ? [{ to: "/reports", label: t("title"), end: true }] : []),
    ...(registers ? [{ to: "/reports/register", label: t("register.nav") }] : []),
  ];
  const nav = <SubNav label={t("title")} rooms={rooms} />;
  return (
    <Routes>
      {registers && <Route path="register" element={<Register nav={nav} />} />}
      {may("report_write") && <Route path="new" element={<New nav={nav} />} />}
      {reads && <Route path=":id" element={<ReportPage nav={nav} />} />}
      <Route path="*" element={reads ? <List nav={nav} /> : <Register nav={nav} />} />
    </Routes>
  );
}
