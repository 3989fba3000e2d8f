// Who may do what in the project; for managers.
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { addMember, changeMember, listMembers, removeMember } from "@/api/endpoints";
import { keys } from "@/api/keys";
import type { Member, Role } from "@/api/types";
import { useI18n } from "@/i18n/context";
import { Button } from "@/ui/button";
import { Card } from "@/ui/card";
import { Choice, Field, FieldRow } from "@/ui/field";
import { Problem } from "@/ui/notice";

const ROLES: readonly Role[] = ["annotator", "reviewer", "manager"];

function useRoles() {
  const { t } = useI18n();
  return ROLES.map((value) => ({ value, label: t(`role.${value}`) }));
}

function useMemberChange<Input>(projectId: number, change: (input: Input) => Promise<unknown>) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: change,
    onSuccess: () => queries.invalidateQueries({ queryKey: keys.members(projectId) }),
  });
}

interface RowProps {
  readonly projectId: number;
  readonly member: Member;
}

function MemberRow({ projectId, member }: RowProps) {
  const { t } = useI18n();
  const roles = useRoles();
  const name = member.display_name || member.username;
  const change = useMemberChange(projectId, (role: Role) => changeMember(member.id, role));
  const removal = useMemberChange(projectId, () => removeMember(member.id));
  return (
    <li className="member">
      <span className="member-name">
        {name} <span className="muted small">{member.username}</span>
      </span>
      <select
        aria-label={t("members.role_of", { name })}
        value={member.role}
        onChange={(event) => change.mutate(event.target.value as Role)}
      >
        {roles.map(({ value, label }) => (
          <option key={value} value={value}>
            {label}
          </option>
        ))}
      </select>
      <Button
        weight="quiet"
        size="small"
        aria-label={t("members.remove", { name })}
        onClick={() => removal.mutate(undefined)}
      >
        ✕
      </Button>
      <Problem error={change.error ?? removal.error} />
    </li>
  );
}

export function Members({ projectId }: { readonly projectId: number }) {
  const { t } = useI18n();
  const roles = useRoles();
  const members = useQuery({
    queryKey: keys.members(projectId),
    queryFn: () => listMembers(projectId),
  });
  const [username, setUsername] = useState("");
  const [role, setRole] = useState<Role>("annotator");
  const addition = useMemberChange(projectId, () => addMember(projectId, { username, role }));
  return (
    <Card title={t("members.title")} testId="members">
      <ul className="members">
        {members.data?.results.map((member) => (
          <MemberRow key={member.id} projectId={projectId} member={member} />
        ))}
      </ul>
      <form
        className="form member-form"
        onSubmit={(event) => {
          event.preventDefault();
          addition.mutate(undefined, { onSuccess: () => setUsername("") });
        }}
      >
        <FieldRow>
          <Field
            label={t("members.username")}
            value={username}
            required
            autoComplete="off"
            onChange={(event) => setUsername(event.target.value)}
          />
          <Choice
            label={t("members.role")}
            value={role}
            options={roles}
            onChoose={(value) => setRole(value as Role)}
          />
        </FieldRow>
        <Problem error={addition.error} />
        <div className="form-actions">
          <Button type="submit" disabled={addition.isPending}>
            {t("members.add")}
          </Button>
        </div>
      </form>
    </Card>
  );
}
