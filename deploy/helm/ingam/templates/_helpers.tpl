{{- define "ingam.name" -}}
{{- .Release.Name | trunc 50 | trimSuffix "-" -}}
{{- end }}

{{- define "ingam.labels" -}}
app.kubernetes.io/name: ingam
app.kubernetes.io/instance: {{ .Release.Name }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
{{- end }}

{{- define "ingam.selector" -}}
app.kubernetes.io/name: ingam
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}

{{- define "ingam.validate" -}}
{{- $hasDatabase := or (has "DATABASE_URL" .Values.secretSettings) .Values.cloudNativePG.enabled -}}
{{- if and (gt (int .Values.replicas) 1) (not $hasDatabase) -}}
{{- fail "replicas above 1 need a database that they share: DATABASE_URL in secretSettings, or cloudNativePG.enabled" -}}
{{- end -}}
{{- if and (gt (int .Values.replicas) 1) (eq .Values.mode "member") -}}
{{- fail "a member is one node: replicas must be 1" -}}
{{- end -}}
{{- if gt (int .Values.replicas) 1 -}}
{{- range list "INGAM_LOG_KEY" "INGAM_RECEIPT_KEY" "INGAM_SECRET" -}}
{{- if not (has . $.Values.secretSettings) -}}
{{- fail (printf "replicas above 1 share their keys: %s must be in secretSettings and in existingSecret" .) -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- if and .Values.secretSettings (eq .Values.existingSecret "") -}}
{{- fail "secretSettings need existingSecret, which has them" -}}
{{- end -}}
{{- end }}
