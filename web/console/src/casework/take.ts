// The next case, locked for whoever asks.
import { useMutation, useQueryClient, type UseMutationResult } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { useNavigate } from "react-router-dom";
import { api, ask, type ApiError, type Schemas } from "@/api";
import { notify } from "@/ui";

export function useTakeNext(): UseMutationResult<Schemas["TakenCase"], ApiError, Schemas["Queue"] | undefined> {
  const { t } = useTranslation("case");
  const client = useQueryClient();
  const navigate = useNavigate();
  return useMutation<Schemas["TakenCase"], ApiError, Schemas["Queue"] | undefined>({
    mutationFn: (queue) => ask(api.POST("/v1/queues/next", { body: queue === undefined ? {} : { queue } })),
    onSuccess: (taken) => {
      void client.invalidateQueries({ queryKey: ["queues"] });
      void client.invalidateQueries({ queryKey: ["overview"] });
      if (taken.case) {
        void client.invalidateQueries({ queryKey: ["cases", taken.case.id] });
        navigate(`/cases/${taken.case.id}`);
        return;
      }
      notify({ kind: "info", text: t("take.nothing") });
      navigate("/queue");
    },
  });
}
