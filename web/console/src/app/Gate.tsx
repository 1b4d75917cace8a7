// Who one is comes before everything else. A session that ends leaves its page in place, hidden and
// out of reach; when the same person is back it goes on where it was, when another one is, it is gone.
import { Loader } from "@mantine/core";
import { Suspense, useEffect } from "react";
import { useTranslation } from "react-i18next";
import { Route, Routes, useLocation } from "react-router-dom";
import { refreshMe, renewCsrf, sessionEnded, useSession } from "../api/session";
import { setGate } from "../api/transport";
import { withTexts } from "../i18n";
import { Failure } from "../ui/Failure";
import { stepUp } from "../ui/StepUp";
import { Shell } from "./Shell";

const SignIn = withTexts(["signin"], () => import("../pages/signin"));
const Invitation = withTexts(["signin"], () => import("../pages/signin/Invitation"));

setGate({ stepUp, signIn: sessionEnded, renew: renewCsrf });

function Waiting() {
  const { t } = useTranslation("common");
  return (
    <div className="gate">
      <Loader size="sm" type="dots" role="status" aria-label={t("loading")} />
    </div>
  );
}

export function Gate() {
  const { phase, me, error } = useSession();
  const { pathname } = useLocation();
  const principal = me?.principal;
  useEffect(() => {
    if (phase === "asking") {
      void refreshMe();
    }
  }, [phase]);
  if (pathname === "/invitation") {
    return (
      <Suspense fallback={<Waiting />}>
        <Invitation />
      </Suspense>
    );
  }
  if (phase === "asking") {
    return error ? (
      <div className="gate">
        <Failure error={error} of="reading" onRetry={() => void refreshMe()} />
      </div>
    ) : (
      <Waiting />
    );
  }
  const away = phase !== "in";
  return (
    <>
      {phase !== "out" && (
        <div className="gate-page" hidden={away}>
          <Shell key={principal} />
        </div>
      )}
      {away && (
        <div className={phase === "ended" ? "gate-cover" : undefined}>
          <Suspense fallback={<Waiting />}>
            <Routes>
              <Route path="*" element={<SignIn ended={phase === "ended"} name={me?.name} />} />
            </Routes>
          </Suspense>
        </div>
      )}
    </>
  );
}
