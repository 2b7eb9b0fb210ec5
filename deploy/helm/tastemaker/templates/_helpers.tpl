{{- define "tastemaker.name" -}}
{{- if contains .Chart.Name .Release.Name -}}
{{- .Release.Name | trunc 52 | trimSuffix "-" -}}
{{- else -}}
{{- printf "%s-%s" .Release.Name .Chart.Name | trunc 52 | trimSuffix "-" -}}
{{- end -}}
{{- end -}}

{{- define "tastemaker.selector" -}}
app.kubernetes.io/name: {{ .Chart.Name }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end -}}

{{- define "tastemaker.labels" -}}
{{ include "tastemaker.selector" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | quote }}
{{- end -}}

{{- define "tastemaker.serviceAccount" -}}
{{- .Values.serviceAccount.name | default (ternary (include "tastemaker.name" .) "default" .Values.serviceAccount.create) -}}
{{- end -}}

{{- define "tastemaker.configSecret" -}}
{{- .Values.existingConfigSecret | default (printf "%s-config" (include "tastemaker.name" .)) -}}
{{- end -}}

{{- define "tastemaker.scheme" -}}
{{- ternary "HTTPS" "HTTP" (ne .Values.tls.secretName "") -}}
{{- end -}}

{{/* The pod, the same in both modes but for its data. */}}
{{- define "tastemaker.pod" -}}
metadata:
  labels:
    {{- include "tastemaker.labels" . | nindent 4 }}
    {{- with .Values.podLabels }}
    {{- toYaml . | nindent 4 }}
    {{- end }}
  annotations:
    # New settings are taken by new pods.
    checksum/config: {{ .Values.config | sha256sum }}
    {{- with .Values.podAnnotations }}
    {{- toYaml . | nindent 4 }}
    {{- end }}
spec:
  serviceAccountName: {{ include "tastemaker.serviceAccount" . }}
  automountServiceAccountToken: false
  # Links would be variables that begin as the settings do.
  enableServiceLinks: false
  terminationGracePeriodSeconds: {{ .Values.terminationGracePeriodSeconds }}
  securityContext:
    runAsNonRoot: true
    runAsUser: 65532
    runAsGroup: 65532
    fsGroup: 65532
    fsGroupChangePolicy: OnRootMismatch
    seccompProfile:
      type: RuntimeDefault
  {{- with .Values.image.pullSecrets }}
  imagePullSecrets:
    {{- toYaml . | nindent 4 }}
  {{- end }}
  containers:
    - name: tastemaker
      image: {{ printf "%s:%s" .Values.image.repository (.Values.image.tag | default .Chart.AppVersion) | quote }}
      imagePullPolicy: {{ .Values.image.pullPolicy }}
      args: [serve, --config, /etc/tastemaker/tastemaker.toml]
      env:
        - name: TASTEMAKER_DATA_DIR
          value: /var/lib/tastemaker
        - name: TASTEMAKER_LISTEN
          value: 0.0.0.0:4100
        {{- if .Values.tls.secretName }}
        - name: TASTEMAKER_TLS__CERTIFICATE
          value: /etc/tastemaker-tls/tls.crt
        - name: TASTEMAKER_TLS__KEY
          value: /etc/tastemaker-tls/tls.key
        {{- else }}
        - name: TASTEMAKER_INSECURE_HTTP
          value: "true"
        {{- end }}
        {{- if .Values.serviceMonitor.tokenSecret.name }}
        - name: TASTEMAKER_HTTP__METRICS_TOKEN_FILE
          value: /etc/tastemaker-metrics/token
        {{- end }}
        {{- with .Values.firstAccessKey }}
        {{- if .secretName }}
        - name: TASTEMAKER_AUTH__FIRST_ACCESS_KEY_ID
          valueFrom:
            secretKeyRef:
              name: {{ .secretName }}
              key: {{ .idKey }}
        - name: TASTEMAKER_AUTH__FIRST_SECRET_ACCESS_KEY
          valueFrom:
            secretKeyRef:
              name: {{ .secretName }}
              key: {{ .secretKey }}
        {{- end }}
        {{- end }}
        {{- with .Values.env }}
        {{- toYaml . | nindent 8 }}
        {{- end }}
      {{- with .Values.envFrom }}
      envFrom:
        {{- toYaml . | nindent 8 }}
      {{- end }}
      ports:
        - name: http
          containerPort: 4100
      startupProbe:
        httpGet:
          path: /ready
          port: http
          scheme: {{ include "tastemaker.scheme" . }}
        periodSeconds: {{ .Values.probes.periodSeconds }}
        timeoutSeconds: {{ .Values.probes.timeoutSeconds }}
        failureThreshold: {{ ceil (divf (float64 .Values.probes.startupSeconds) (float64 .Values.probes.periodSeconds)) }}
      readinessProbe:
        httpGet:
          path: /ready
          port: http
          scheme: {{ include "tastemaker.scheme" . }}
        periodSeconds: {{ .Values.probes.periodSeconds }}
        timeoutSeconds: {{ .Values.probes.timeoutSeconds }}
      livenessProbe:
        httpGet:
          path: /health
          port: http
          scheme: {{ include "tastemaker.scheme" . }}
        periodSeconds: {{ .Values.probes.periodSeconds }}
        timeoutSeconds: {{ .Values.probes.timeoutSeconds }}
        failureThreshold: 6
      resources:
        {{- toYaml .Values.resources | nindent 8 }}
      securityContext:
        allowPrivilegeEscalation: false
        readOnlyRootFilesystem: true
        capabilities:
          drop: [ALL]
      volumeMounts:
        - name: data
          mountPath: /var/lib/tastemaker
        - name: config
          mountPath: /etc/tastemaker
          readOnly: true
        - name: temporary
          mountPath: /tmp
        {{- if .Values.tls.secretName }}
        - name: tls
          mountPath: /etc/tastemaker-tls
          readOnly: true
        {{- end }}
        {{- if .Values.serviceMonitor.tokenSecret.name }}
        - name: metrics-token
          mountPath: /etc/tastemaker-metrics
          readOnly: true
        {{- end }}
  volumes:
    - name: config
      secret:
        secretName: {{ include "tastemaker.configSecret" . }}
        items:
          - key: tastemaker.toml
            path: tastemaker.toml
    - name: temporary
      emptyDir: {}
    {{- if .Values.tls.secretName }}
    - name: tls
      secret:
        secretName: {{ .Values.tls.secretName }}
    {{- end }}
    {{- if .Values.serviceMonitor.tokenSecret.name }}
    - name: metrics-token
      secret:
        secretName: {{ .Values.serviceMonitor.tokenSecret.name }}
        items:
          - key: {{ .Values.serviceMonitor.tokenSecret.key }}
            path: token
    {{- end }}
    {{- if or (eq .Values.mode "shared") (not .Values.persistence.enabled) }}
    - name: data
      emptyDir: {}
    {{- end }}
  {{- with .Values.nodeSelector }}
  nodeSelector:
    {{- toYaml . | nindent 4 }}
  {{- end }}
  {{- with .Values.tolerations }}
  tolerations:
    {{- toYaml . | nindent 4 }}
  {{- end }}
  {{- with .Values.affinity }}
  affinity:
    {{- toYaml . | nindent 4 }}
  {{- end }}
  {{- with .Values.topologySpreadConstraints }}
  topologySpreadConstraints:
    {{- toYaml . | nindent 4 }}
  {{- end }}
{{- end -}}
